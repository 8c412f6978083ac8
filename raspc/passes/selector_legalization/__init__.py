"""How a selector becomes what one head computes: a conjunction of clauses, each a select or a disjoint disjunction."""
