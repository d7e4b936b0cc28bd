// The driver's objects with an owner. Private to the adapter.
#pragma once

#include <mongoc/mongoc.h>

#include "base/owned.h"

namespace message_service::mongodb {

using Collection = Owned<mongoc_collection_t, mongoc_collection_destroy>;
using Cursor = Owned<mongoc_cursor_t, mongoc_cursor_destroy>;
using Bulk = Owned<mongoc_bulk_operation_t, mongoc_bulk_operation_destroy>;
using Session = Owned<mongoc_client_session_t, mongoc_client_session_destroy>;
using TransactionOptions = Owned<mongoc_transaction_opt_t, mongoc_transaction_opts_destroy>;
using WriteConcern = Owned<mongoc_write_concern_t, mongoc_write_concern_destroy>;
using ReadConcern = Owned<mongoc_read_concern_t, mongoc_read_concern_destroy>;
using ClientPool = Owned<mongoc_client_pool_t, mongoc_client_pool_destroy>;
using Uri = Owned<mongoc_uri_t, mongoc_uri_destroy>;

}  // namespace message_service::mongodb
