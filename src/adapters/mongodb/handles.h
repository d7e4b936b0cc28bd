// Owners of the driver's objects. Private to the adapter.
#pragma once

#include <mongoc/mongoc.h>

#include "base/owned.h"

namespace message_service::mongodb {

using Collection = base::Owned<mongoc_collection_t, mongoc_collection_destroy>;
using Cursor = base::Owned<mongoc_cursor_t, mongoc_cursor_destroy>;
using Bulk = base::Owned<mongoc_bulk_operation_t, mongoc_bulk_operation_destroy>;
using Session = base::Owned<mongoc_client_session_t, mongoc_client_session_destroy>;
using TransactionOptions = base::Owned<mongoc_transaction_opt_t, mongoc_transaction_opts_destroy>;
using WriteConcern = base::Owned<mongoc_write_concern_t, mongoc_write_concern_destroy>;
using ReadConcern = base::Owned<mongoc_read_concern_t, mongoc_read_concern_destroy>;
using ClientPool = base::Owned<mongoc_client_pool_t, mongoc_client_pool_destroy>;
using Uri = base::Owned<mongoc_uri_t, mongoc_uri_destroy>;

}  // namespace message_service::mongodb
