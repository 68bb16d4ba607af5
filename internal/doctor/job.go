package doctor

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/appmetrics/appmetrics/internal/databricks"
)

// checkJob looks for the job that aggregates. Several may have its name; one
// that is in order is enough.
func (p *patient) checkJob(ctx context.Context) finding {
	const deploy = "deploy the bundle (databricks bundle deploy), or name the job in databricks.job"
	switch {
	case p.embedded():
		return skipped("an embedded database is aggregated by serve")
	case p.Interval > 0:
		return skipped("serve aggregates by itself, every %s", p.Interval)
	}
	jobs, err := p.workspace.Jobs(ctx, p.Job)
	if err != nil {
		return failed(mendWorkspace(err), "%v", err)
	}
	if len(jobs) == 0 {
		return failed(deploy, "no job that %s may see is called %q", p.user.Name, p.Job)
	}
	p.jobs = jobs
	var worst finding
	for _, job := range jobs {
		if worst = judge(job); worst.status == Pass {
			break
		}
	}
	return worst
}

// judge says what a job lacks, if anything. Whom a job tells can be looked at
// though it is paused.
func judge(job databricks.Job) finding {
	name := job.Name
	var f finding
	switch {
	case job.Cron == "":
		f = failed("give the job the schedule 0 0 2 * * ? in UTC", "%s has no schedule", name)
	case !daily(job.Cron):
		f = failed("give the job the schedule 0 0 2 * * ? in UTC", "%s does not run every day: %s", name, job.Cron)
	case job.Paused:
		f = failed("resume the schedule of the job", "%s is paused", name)
	case len(job.FailureEmails)+len(job.FailureDestinations) == 0:
		f = failed("add e-mail addresses or notification destinations for failures to the job", "%s tells nobody of failures", name)
	default:
		return passed("%s runs at %s %s; failures go to %s", name, job.Cron, job.Zone, recipients(job))
	}
	f.bearable = true
	return f
}

func recipients(job databricks.Job) string {
	var who []string
	if n := len(job.FailureEmails); n > 0 {
		who = append(who, plural(n, "e-mail address", "e-mail addresses"))
	}
	if n := len(job.FailureDestinations); n > 0 {
		who = append(who, plural(n, "notification destination", "notification destinations"))
	}
	return strings.Join(who, " and ")
}

// daily reports whether a Quartz expression fires at least once on every day:
// seconds, minutes, hours, day of month, month, day of week and perhaps year.
func daily(cron string) bool {
	fields := strings.Fields(cron)
	if len(fields) != 6 && len(fields) != 7 {
		return false
	}
	any := func(field string, also ...string) bool {
		return field == "*" || field == "?" || slices.Contains(also, strings.ToUpper(field))
	}
	return any(fields[3], "1/1", "*/1", "1-31") &&
		any(fields[4], "1/1", "*/1", "1-12", "JAN-DEC") &&
		any(fields[5], "1/1", "*/1", "1-7", "SUN-SAT", "MON-SUN") &&
		(len(fields) == 6 || any(fields[6]))
}

// checkDestinations looks for the notification destinations that the job names.
func (p *patient) checkDestinations(ctx context.Context) finding {
	named := map[string]bool{}
	for _, job := range p.jobs {
		for _, id := range job.FailureDestinations {
			named[id] = true
		}
	}
	if len(named) == 0 {
		return skipped("the job names no notification destination")
	}
	known, err := p.workspace.Destinations(ctx)
	switch {
	case errors.Is(err, databricks.ErrForbidden):
		return skipped("%s may not list notification destinations; an administrator may", p.user.Name)
	case err != nil:
		return failed(mendWorkspace(err), "%v", err)
	}
	var names []string
	for _, d := range known {
		if named[d.ID] {
			names = append(names, d.Name)
			delete(named, d.ID)
		}
	}
	if len(named) > 0 {
		missing := slices.Sorted(maps.Keys(named))
		return failed("create it in the workspace's settings (Notifications), or name another in the job",
			"no notification destination has the id %s", strings.Join(missing, ", "))
	}
	return passed("the job's notification destinations exist: %s", strings.Join(names, ", "))
}
