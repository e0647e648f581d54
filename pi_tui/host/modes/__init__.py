"""How work is run at once: `catalog` names the modes, one file a family holds their functions."""
