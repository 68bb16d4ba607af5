package workspacetest

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/appmetrics/appmetrics/internal/databricks"
)

type object = map[string]any

func (w *Workspace) me(rw http.ResponseWriter, _ *http.Request, u databricks.User) {
	groups := make([]object, len(u.Groups))
	for i, name := range u.Groups {
		id := number(name)
		groups[i] = object{"display": name, "type": "direct", "value": id, "$ref": "Groups/" + id}
	}
	answer := object{
		"schemas": []string{
			"urn:ietf:params:scim:schemas:core:2.0:User",
			"urn:ietf:params:scim:schemas:extension:workspace:2.0:User",
		},
		"id":          cmp.Or(u.ID, number(u.Name)),
		"userName":    u.Name,
		"displayName": u.Name,
		"active":      u.Active,
	}
	if strings.Contains(u.Name, "@") {
		answer["emails"] = []object{{"type": "work", "value": u.Name, "primary": true}}
	}
	if len(groups) > 0 { // absent rather than empty, as sent
		answer["groups"] = groups
	}
	reply(rw, http.StatusOK, answer)
}

// number returns an id for a name, of the form that the workspace uses.
func number(name string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	return strconv.FormatUint(uint64(h.Sum32()), 10)
}

type database struct {
	host       string
	credential func() databricks.Credential
}

// issue returns a new credential. It runs without the workspace's lock, since
// credential is the test's.
func (d database) issue() databricks.Credential {
	if d.credential != nil {
		return d.credential()
	}
	return databricks.Credential{Password: rand.Text(), ExpiresAt: time.Now().Add(time.Hour)}
}

func (w *Workspace) database(all map[string]database, name string) (database, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	d, ok := all[name]
	return d, ok
}

func (w *Workspace) endpoint(rw http.ResponseWriter, r *http.Request, _ databricks.User) {
	name := strings.TrimPrefix(r.URL.Path, "/api/2.0/postgres/")
	d, ok := w.database(w.endpoints, name)
	if !ok {
		fail(rw, r, http.StatusNotFound)
		return
	}
	hosts := object{}
	if d.host != "" { // absent while the endpoint is being made
		hosts["host"] = d.host
		hosts["read_write_pooled_host"] = "pooler-" + d.host
	}
	reply(rw, http.StatusOK, object{
		"name":   name,
		"parent": name[:strings.LastIndex(name, "/endpoints/")],
		"uid":    "ep-" + number(name),
		"status": object{"current_state": "ACTIVE", "endpoint_type": "ENDPOINT_TYPE_READ_WRITE", "hosts": hosts},
	})
}

func (w *Workspace) endpointCredential(rw http.ResponseWriter, r *http.Request, _ databricks.User) {
	var request struct {
		Endpoint string `json:"endpoint"`
	}
	_ = json.NewDecoder(r.Body).Decode(&request) // no name is a name that does not exist
	d, ok := w.database(w.endpoints, request.Endpoint)
	if !ok {
		fail(rw, r, http.StatusNotFound)
		return
	}
	c := d.issue()
	reply(rw, http.StatusOK, object{"token": c.Password, "expire_time": c.ExpiresAt.UTC().Format(time.RFC3339Nano)})
}

func (w *Workspace) instance(rw http.ResponseWriter, r *http.Request, _ databricks.User) {
	name := r.PathValue("name")
	d, ok := w.database(w.instances, name)
	if !ok {
		fail(rw, r, http.StatusNotFound)
		return
	}
	reply(rw, http.StatusOK, object{
		"name": name, "uid": number(name), "state": "AVAILABLE", "capacity": "CU_1", "pg_version": "PG_VERSION_16",
		"read_write_dns": d.host, "read_only_dns": "ro-" + d.host, "effective_stopped": false,
	})
}

func (w *Workspace) instanceCredential(rw http.ResponseWriter, r *http.Request, _ databricks.User) {
	var request struct {
		InstanceNames []string `json:"instance_names"`
		RequestID     string   `json:"request_id"`
	}
	_ = json.NewDecoder(r.Body).Decode(&request)
	if len(request.InstanceNames) != 1 || request.RequestID == "" {
		fail(rw, r, http.StatusBadRequest)
		return
	}
	d, ok := w.database(w.instances, request.InstanceNames[0])
	if !ok {
		fail(rw, r, http.StatusNotFound)
		return
	}
	c := d.issue()
	reply(rw, http.StatusOK, object{"token": c.Password, "expiration_time": c.ExpiresAt.UTC().Format(time.RFC3339Nano)})
}

func (w *Workspace) jobsList(rw http.ResponseWriter, r *http.Request, u databricks.User) {
	query := r.URL.Query()
	w.mu.Lock()
	jobs := slices.Clone(w.jobs)
	w.mu.Unlock()
	if name := query.Get("name"); name != "" { // whole name, without case
		jobs = slices.DeleteFunc(jobs, func(j databricks.Job) bool { return !strings.EqualFold(j.Name, name) })
	}
	page, next, ok := paginate(jobs, query.Get("page_token"), query.Get("limit"))
	if !ok {
		fail(rw, r, http.StatusBadRequest)
		return
	}
	rows := make([]object, len(page))
	for i, j := range page {
		rows[i] = object{"job_id": j.ID, "creator_user_name": u.Name, "settings": settings(j)}
	}
	answer := object{"has_more": next != ""}
	if len(rows) > 0 {
		answer["jobs"] = rows
	}
	if next != "" {
		answer["next_page_token"] = next
	}
	reply(rw, http.StatusOK, answer)
}

func settings(j databricks.Job) object {
	email, webhook := object{}, object{}
	if len(j.FailureEmails) > 0 {
		email["on_failure"] = j.FailureEmails
	}
	if len(j.FailureDestinations) > 0 {
		ids := make([]object, len(j.FailureDestinations))
		for i, id := range j.FailureDestinations {
			ids[i] = object{"id": id}
		}
		webhook["on_failure"] = ids
	}
	s := object{
		"name": j.Name, "max_concurrent_runs": cmp.Or(j.MaxConcurrentRuns, 1), "format": "MULTI_TASK",
		"email_notifications": email, "webhook_notifications": webhook,
	}
	if j.Cron != "" {
		status := "UNPAUSED"
		if j.Paused {
			status = "PAUSED"
		}
		s["schedule"] = object{"quartz_cron_expression": j.Cron, "timezone_id": cmp.Or(j.Zone, "UTC"), "pause_status": status}
	}
	return s
}

func (w *Workspace) destinationsList(rw http.ResponseWriter, r *http.Request, _ databricks.User) {
	query := r.URL.Query()
	w.mu.Lock()
	all := slices.Clone(w.destinations)
	w.mu.Unlock()
	page, next, ok := paginate(all, query.Get("page_token"), query.Get("page_size"))
	if !ok {
		fail(rw, r, http.StatusBadRequest)
		return
	}
	rows := make([]object, len(page))
	for i, d := range page {
		rows[i] = object{"id": d.ID, "display_name": d.Name, "destination_type": d.Type}
	}
	answer := object{"results": rows}
	if next != "" {
		answer["next_page_token"] = next
	}
	reply(rw, http.StatusOK, answer)
}

// paginate returns the page that starts at token, of 20 rows unless size says
// otherwise (100 at most), and the token of the next one.
func paginate[T any](all []T, token, size string) (page []T, next string, ok bool) {
	start, err := strconv.Atoi(cmp.Or(token, "0"))
	if err != nil || start < 0 || start > len(all) {
		return nil, "", false
	}
	n, err := strconv.Atoi(cmp.Or(size, "20"))
	if err != nil || n < 1 || n > 100 {
		return nil, "", false
	}
	end := min(start+n, len(all))
	if end < len(all) {
		next = strconv.Itoa(end)
	}
	return all[start:end], next, true
}
