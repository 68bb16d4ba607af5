package databricks

import (
	"context"
	"fmt"

	"github.com/databricks/databricks-sdk-go/service/jobs"
	"github.com/databricks/databricks-sdk-go/service/settings"
)

// Job is when a job runs and whom it tells of failures.
type Job struct {
	ID                  int64
	Name                string
	Cron                string // Quartz expression, empty without a schedule
	Zone                string // IANA name of the zone that Cron is read in
	Paused              bool   // the schedule stands still
	MaxConcurrentRuns   int
	FailureEmails       []string
	FailureDestinations []string // ids of notification destinations
}

// Jobs returns the jobs with exactly this name that the login may see, none if
// there is none. Names are not unique in a workspace.
func (l *Login) Jobs(ctx context.Context, name string) ([]Job, error) {
	var found []Job
	err := l.do(ctx, fmt.Sprintf("find the job %q", name), func(ctx context.Context) error {
		all, err := jobs.NewJobs(l.client).ListAll(ctx, jobs.ListJobsRequest{Name: name})
		if err != nil {
			return err
		}
		for _, job := range all {
			if job.Settings != nil && job.Settings.Name == name { // the filter ignores case
				found = append(found, read(job))
			}
		}
		return nil
	})
	return found, err
}

func read(from jobs.BaseJob) Job {
	s := from.Settings
	job := Job{ID: from.JobId, Name: s.Name, MaxConcurrentRuns: s.MaxConcurrentRuns}
	if schedule := s.Schedule; schedule != nil {
		job.Cron, job.Zone = schedule.QuartzCronExpression, schedule.TimezoneId
		job.Paused = schedule.PauseStatus == jobs.PauseStatusPaused
	}
	if s.EmailNotifications != nil {
		job.FailureEmails = s.EmailNotifications.OnFailure
	}
	if s.WebhookNotifications != nil {
		for _, webhook := range s.WebhookNotifications.OnFailure {
			job.FailureDestinations = append(job.FailureDestinations, webhook.Id)
		}
	}
	return job
}

// Destination is a place that a workspace can send notifications to.
type Destination struct {
	ID   string
	Name string
	Type string // EMAIL, MICROSOFT_TEAMS, PAGERDUTY, SLACK or WEBHOOK
}

// Destinations returns all notification destinations of the workspace.
func (l *Login) Destinations(ctx context.Context) ([]Destination, error) {
	var found []Destination
	err := l.do(ctx, "list notification destinations", func(ctx context.Context) error {
		all, err := settings.NewNotificationDestinations(l.client).ListAll(ctx, settings.ListNotificationDestinationsRequest{})
		if err != nil {
			return err
		}
		for _, d := range all {
			found = append(found, Destination{ID: d.Id, Name: d.DisplayName, Type: string(d.DestinationType)})
		}
		return nil
	})
	return found, err
}
