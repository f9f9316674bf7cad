package airflow

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"

	"catalog-runbook/steps/transport"
)

// pageLimit is the most pages that are read of a list: 5,000 rows by default, and some
// hundreds if the server returns only a few at a time.
const pageLimit = 50

// list reads all rows of a list. Airflow may return fewer rows than the limit without
// saying so, so list continues after the rows it got until there are as many as
// total_entries. A list without a count, or that stays incomplete, is an error: it may
// lack the very row that matters. An empty list is believed only from an account that
// sees enough DAGs.
func list[T any](ctx context.Context, c *Client, version int, path, key string, query url.Values) ([]T, error) {
	var all []T
	for range pageLimit {
		page := url.Values{"limit": {c.limit()}}
		for name, values := range query {
			page[name] = values
		}
		if len(all) > 0 {
			page.Set("offset", strconv.Itoa(len(all)))
		}
		var answer map[string]json.RawMessage
		if err := c.ask(ctx, version, path, page, &answer); err != nil {
			return nil, err
		}
		var rows []T
		var total *int
		if answer[key] == nil || json.Unmarshal(answer[key], &rows) != nil || rows == nil ||
			json.Unmarshal(answer["total_entries"], &total) != nil || total == nil {
			return nil, broken("returned no list of %s with a count", key)
		}
		all = append(all, rows...)
		switch {
		case len(all) == 0 && *total == 0:
			_, err := c.visible(ctx, version)
			return nil, err
		case len(all) == *total:
			return all, nil
		case len(rows) == 0 || len(all) > *total:
			return nil, broken("counts %d of %s and listed %d", *total, key, len(all))
		}
	}
	return nil, &transport.Problem{Cause: transport.Broken,
		Text: fmt.Sprintf("%s has too many %s to read, %d at a time", service, key, len(all)/pageLimit)}
}
