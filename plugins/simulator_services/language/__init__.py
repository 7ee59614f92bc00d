"""What a world and a playbook can say of services."""
