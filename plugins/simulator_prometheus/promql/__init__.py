"""PromQL over columns: an expression is evaluated for all series and all steps at once.

``parsed`` (expressions) reads the text, ``SeriesStore`` (series) holds the samples, ``evaluate`` (evaluate) gives
what Prometheus 3 would answer to a range query. What is not evaluated here is refused by name.
"""
