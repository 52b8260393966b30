"""What can be said of every customer who could exist: proofs, and a customer who shows each negative answer.

`logic` has formulas; `encode` makes them of typed rules, such that each customer whom the catalogue allows is a way
to satisfy them; `smt` decides them. What rests on a formula that cannot be satisfied is proved. What rests on a
customer is only said when the reference interpreter has confirmed that customer.
"""
