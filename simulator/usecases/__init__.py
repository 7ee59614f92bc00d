"""What Feint does for somebody: play a request, judge a recorded run, check a playbook. Commands call these."""
