"""What can happen, and how many happenings are held: as columns, never as rows."""
