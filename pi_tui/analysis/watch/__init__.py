"""A watched program: the record of its sightings, and the verdict on where its threads spent their time."""
