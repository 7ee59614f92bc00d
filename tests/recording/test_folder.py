"""The run folder: it has its name only when it is complete, and nobody else writes into it."""

from __future__ import annotations

import pytest

from simulator.errors import SinkError, UsageError
from simulator.recording.folder import RunFolder, free_folder, write_bytes, write_together


def test_a_folder_has_its_name_only_when_it_is_published(tmp_path):
    folder = RunFolder(tmp_path / "deep" / "run")
    folder.write_text("file", "text")

    assert not (tmp_path / "deep" / "run").exists()
    assert folder.publish() == tmp_path / "deep" / "run"
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["run"]


def test_a_name_that_is_not_utf_8_is_refused(tmp_path):
    with pytest.raises(UsageError, match="is no name in UTF-8"):
        RunFolder(tmp_path / "r\udcff")


def test_a_discarded_folder_leaves_nothing(tmp_path):
    RunFolder(tmp_path / "run").discard()

    assert list(tmp_path.iterdir()) == []


def test_partial_folders_are_numbered(tmp_path):
    for _ in range(3):
        RunFolder(tmp_path / "run").publish_partial()

    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.partial", "run.partial-2", "run.partial-3"]


def test_a_folder_that_is_being_written_to_is_refused_to_others_until_it_is_done(tmp_path):
    first = RunFolder(tmp_path / "run")

    with pytest.raises(UsageError, match="is being played right now"):
        RunFolder(tmp_path / "run")
    first.discard()
    RunFolder(tmp_path / "run").discard()


def test_what_a_killed_run_left_behind_makes_room(tmp_path):
    (tmp_path / ".run.playing").mkdir()
    (tmp_path / ".run.playing" / "old").write_text("old")

    folder = RunFolder(tmp_path / "run")

    assert list(folder.path.iterdir()) == []
    folder.discard()


def test_a_free_folder_is_neither_there_nor_being_played(tmp_path):
    (tmp_path / "x-1").mkdir()
    playing = RunFolder(tmp_path / "x-2")
    (tmp_path / ".x-3.playing").mkdir()  # of a run that was killed

    assert free_folder(tmp_path, "x") == tmp_path / "x-3"
    playing.discard()
    assert free_folder(tmp_path, "x") == tmp_path / "x-2"


def test_a_finished_run_whose_name_was_taken_meanwhile_is_a_failed_sink(tmp_path):
    folder = RunFolder(tmp_path / "run")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine").touch()

    with pytest.raises(SinkError, match="cannot be named so"):
        folder.publish()
    folder.discard()


def test_files_that_belong_together_are_written_together_or_not_at_all(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "b").mkdir()

    with pytest.raises(SinkError, match="c/d: cannot be written: No such file or directory"):
        write_together(tmp_path, {"a": b"new", "c/d": b"new"})

    assert (tmp_path / "a").read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_a_file_is_replaced_whole(tmp_path):
    write_bytes(tmp_path / "a", b"one")
    write_bytes(tmp_path / "a", b"two")

    assert (tmp_path / "a").read_bytes() == b"two"
    assert len(list(tmp_path.iterdir())) == 1
