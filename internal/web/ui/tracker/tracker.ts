// The tracker: one script tag that every page of an observed app carries.
export {}
