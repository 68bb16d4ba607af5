package mutations

var ofStore = []mutation{}
