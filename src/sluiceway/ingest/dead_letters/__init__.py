"""Dead letters: records that did not fit, kept until somebody mends, replays or discards them."""
