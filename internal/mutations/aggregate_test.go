package mutations

var ofAggregate = []mutation{}
