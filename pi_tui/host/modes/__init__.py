"""How tasks run at the same time: `catalog` names the modes; the other files hold their functions."""
