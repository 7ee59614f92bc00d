"""Where a playbook plays: hosts, users and outsiders, and the products that watch them."""
