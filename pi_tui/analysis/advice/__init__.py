"""Verdicts on one result: doubts about its figures and the causes of lost speed-up, each with its evidence and a next step."""
