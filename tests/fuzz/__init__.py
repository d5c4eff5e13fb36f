"""What must hold for any input: no exception but ours, and what one part takes the other takes, too."""
