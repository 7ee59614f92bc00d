"""From a checked playbook and a seed to a plan: parameters set, cast drawn, times fixed, emissions bound to a world."""
