package failure

// Refusal is a failure on the HTTP layer: gRPC OK with an HTTP status of 400 or more (ERROR-1).
type Refusal struct {
	RPC
	// Status overrides the HTTP status of the category, unless it is 0.
	Status int
	// ID is the JSON token of the request's id, or "".
	ID string
	// OmitID leaves an unknown id out of the answer (MODERN-11). Otherwise, it is null (JSONRPC-4).
	OmitID bool
}

// Refuse returns a refusal with the JSON-RPC code CodeServerError.
func Refuse(category Category, reason, message string) *Refusal {
	return &Refusal{RPC: *NewRPC(category, CodeServerError, reason, message)}
}

// WithCode sets the JSON-RPC error code.
func (r *Refusal) WithCode(code int) *Refusal {
	r.Code = code
	return r
}

// WithID sets the id of the refused request, unless an id is already set.
func (r *Refusal) WithID(id string) *Refusal {
	if r.ID == "" {
		r.ID = id
	}
	return r
}

// HTTPStatus returns the status of the answer, 400 or more.
func (r *Refusal) HTTPStatus() int {
	if r.Status != 0 {
		return r.Status
	}
	return r.Category.HTTPStatus
}

// Body returns the body of the answer, a JSON-RPC error response (ERROR-2).
func (r *Refusal) Body() []byte {
	if r.ID == "" && !r.OmitID {
		return r.Response("null")
	}
	return r.Response(r.ID)
}
