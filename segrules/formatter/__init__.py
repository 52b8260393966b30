"""Rule text into rule text of one layout: tokens and comments stay, white space is ours."""
