package store

// AppsStatement is the statement that lists the apps.
const AppsStatement = appsStatement
