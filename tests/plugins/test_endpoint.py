import simulator_endpoint

TYPES = {each.name: each for each in simulator_endpoint.simulator_event_types()}


def test_every_event_says_on_which_host_and_by_whom():
    for each in TYPES.values():
        assert each.by_name["host"].required
        assert each.by_name["user"].required


def test_a_process_can_be_joined_to_its_parent_its_files_and_its_end():
    started = TYPES["process.started"].by_name

    assert started["process"].width == started["parent_process"].width == 16
    assert started["logon"].width == TYPES["account.created"].by_name["logon"].width
    for name in ("process.ended", "file.created", "file.modified", "file.deleted", "file.read"):
        assert TYPES[name].by_name["process"].width == started["process"].width
        assert TYPES[name].by_name["pid"].default == started["pid"].default


def test_no_field_stands_twice_in_an_event_type():
    for each in TYPES.values():
        assert len(each.by_name) == len(each.fields)
