"""What a run leaves behind: its folder, its ledger of the truth, its manifest."""
