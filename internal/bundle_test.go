package internal_test

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestBundleDeploysTheJob(t *testing.T) {
	t.Parallel()
	bundle := readYAML(t, "databricks.yml")
	const job, task = "resources.jobs.aggregate.", "resources.jobs.aggregate.tasks.0."
	for path, want := range map[string]any{
		"bundle.name": "appmetrics",

		job + "name":                            "appmetrics aggregate", // the default of databricks.job
		job + "schedule.quartz_cron_expression": "0 0 2 * * ?",
		job + "schedule.timezone_id":            "UTC",
		job + "schedule.pause_status":           nil, // or development would not pause it
		job + "max_concurrent_runs":             1,
		job + "queue.enabled":                   false,
		job + "health.rules.0.metric":           "RUN_DURATION_SECONDS",
		job + "health.rules.0.op":               "GREATER_THAN",
		job + "tasks.1":                         nil,

		task + "max_retries":                                 2,
		task + "retry_on_timeout":                            true,
		task + "timeout_seconds":                             1800,
		task + "disable_auto_optimization":                   true,
		task + "notification_settings.alert_on_last_attempt": false,
		task + "python_wheel_task.package_name":              "appmetrics",
		task + "python_wheel_task.entry_point":               "job",
		task + "environment_key":                             "default",
		job + "environments.0.environment_key":               "default",
		job + "environments.0.spec.dependencies.0":           "./dist/appmetrics-*_${var.architecture}.whl",
		job + "environments.0.spec.dependencies.1":           nil,

		"artifacts.wheel.type":           "whl",
		"artifacts.wheel.build":          "make -C ../.. wheel",
		"artifacts.wheel.files.0.source": "dist/appmetrics-*_${var.architecture}.whl",
		"sync.exclude.0":                 "dist/**",

		"variables.notify_emails.type":       "complex",
		"variables.notify_emails.default":    nil, // somebody must be named
		"variables.notify_destinations.type": "complex",

		"targets.development.mode":    "development",
		"targets.development.default": true,
		"targets.production.mode":     "production",

		"targets.production.run_as.service_principal_name":                             "${var.service_principal}",
		"targets.production.permissions.0.level":                                       "CAN_VIEW",
		"targets.production.resources.jobs.aggregate.schedule.pause_status":            "UNPAUSED",
		"targets.production.resources.jobs.aggregate.schedule.quartz_cron_expression":  "0 0 2 * * ?",
		"targets.production.resources.jobs.aggregate.schedule.timezone_id":             "UTC",
		"targets.development.resources.jobs.aggregate.schedule.quartz_cron_expression": nil,
	} {
		if got := at(bundle, path); !reflect.DeepEqual(got, want) {
			t.Errorf("%s = %v, want %v", path, got, want)
		}
	}
	if _, err := time.LoadLocation(at(bundle, job+"schedule.timezone_id").(string)); err != nil {
		t.Error(err)
	}

	// Every attempt fits into the job's own limit, and the warning comes first.
	attempts := at(bundle, task+"max_retries").(int) + 1
	limit := at(bundle, task+"timeout_seconds").(int)
	longest := attempts*limit + (attempts-1)*at(bundle, task+"min_retry_interval_millis").(int)/1000
	if got := at(bundle, job+"timeout_seconds").(int); got <= longest {
		t.Errorf("the job may take %d s, its attempts %d s", got, longest)
	}
	if got := at(bundle, job+"health.rules.0.value").(int); got >= limit {
		t.Errorf("the warning comes after %d s, the end after %d s", got, limit)
	}
}

func TestBundleTellsOfFailures(t *testing.T) {
	t.Parallel()
	bundle := readYAML(t, "databricks.yml")
	for _, of := range []string{"resources.jobs.aggregate.", "resources.jobs.aggregate.tasks.0."} {
		if got := at(bundle, of+"email_notifications.on_failure"); got != "${var.notify_emails}" {
			t.Errorf("%s tells %v of failures by e-mail", of, got)
		}
		if got := at(bundle, of+"webhook_notifications.on_failure"); got != "${var.notify_destinations}" {
			t.Errorf("%s tells %v of failures by webhook", of, got)
		}
	}
	destinations, ok := at(bundle, "variables.notify_destinations.default").([]any)
	if !ok || len(destinations) > 3 {
		t.Errorf("destinations are %v, want a list of at most 3", destinations)
	}
}

func TestBundleVariables(t *testing.T) {
	t.Parallel()
	content := string(readFile(t, "databricks.yml"))
	declared := readYAML(t, "databricks.yml")["variables"].(map[string]any)
	used := map[string]bool{}
	for _, match := range regexp.MustCompile(`\$\{var\.(\w+)\}`).FindAllStringSubmatch(content, -1) {
		if used[match[1]] = true; declared[match[1]] == nil {
			t.Errorf("variable %s is used and not declared", match[1])
		}
	}
	for name, variable := range declared {
		if !used[name] {
			t.Errorf("variable %s is declared and not used", name)
		}
		if description, _ := variable.(map[string]any)["description"].(string); description == "" {
			t.Errorf("variable %s has no description", name)
		}
	}
}

// TestTaskParametersAreACommand leaves the options of the wheel's entry point
// away and asks the program about the rest.
func TestTaskParametersAreACommand(t *testing.T) {
	t.Parallel()
	words := at(readYAML(t, "databricks.yml"), "resources.jobs.aggregate.tasks.0.python_wheel_task.parameters").([]any)
	for len(words) >= 2 && words[0] == "--env" {
		if name, _, ok := strings.Cut(words[1].(string), "="); !ok || !regexp.MustCompile(`^[A-Z_]+$`).MatchString(name) {
			t.Errorf("--env %s is not NAME=VALUE", words[1])
		}
		words = words[2:]
	}
	if want := []any{"aggregate"}; !reflect.DeepEqual(words, want) {
		t.Fatalf("the command is %v, want %v", words, want)
	}
	help(t, "aggregate")
}
