//! The contract that both implementations of the stores keep.
//!
//! The checks are written once, against the traits, and run against each store under the same names. What only one of them
//! has (files, lost answers, streams) is beside them, and a model says what random sequences of operations answer.

mod aws;
mod claims;
mod crash;
mod embedded;
mod model;
mod paging;
mod records;
mod secrets;
mod unhelpful;

use std::sync::Arc;

use connector::{
    clock::Timestamp,
    store::{Due, Expect, Key, Queue, Record, Records, Secrets},
};
use serde_json::json;
use tempfile::TempDir;

/// A fresh pair of stores.
struct Subject {
    records: Arc<dyn Records>,
    secrets: Arc<dyn Secrets>,
    /// Where the files are, if there are any; they go away with it.
    _folder: Option<TempDir>,
}

/// One test for each check, on a fresh store.
macro_rules! checks {
    ($open:path, $part:ident, $module:ident: $($check:ident)*) => {
        mod $module {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $check() {
                    let subject = $open().await;
                    crate::store_contract::$module::$check(subject.$part).await;
                }
            )*
        }
    };
}

/// Every check, for the stores that `$open` makes. A check that is missing here is dead code, which the lints refuse.
macro_rules! contract {
    ($open:path) => {
        $crate::store_contract::checks!($open, records, records:
            a_record_comes_back_as_it_was_written
            a_record_without_extras_has_none
            a_key_is_both_of_its_parts
            versions_count_the_writes
            a_write_that_expects_something_else_is_a_conflict
            of_many_writers_exactly_one_gets_through
            an_expired_record_is_still_there
            a_deleted_record_is_gone_and_can_be_written_anew
            any_json_and_any_text_is_kept
            what_no_table_could_hold_is_refused
        );
        $crate::store_contract::checks!($open, records, claims:
            a_claim_returns_the_record_and_counts_as_a_write
            of_many_claims_exactly_one_wins
            a_second_claim_shows_the_first_one
            there_is_nothing_to_claim_in_an_empty_place
            a_claim_leaves_the_rest_as_it_was
            a_write_with_the_version_from_before_a_claim_is_a_conflict
        );
        $crate::store_contract::checks!($open, records, paging:
            a_list_has_the_records_with_the_prefix_in_order
            pages_join_up_to_the_whole_list
            a_full_last_page_is_the_end
            a_list_goes_on_after_a_record_that_was_deleted
            due_records_come_earliest_first_and_none_too_early
            pages_of_due_records_join_up_though_many_are_due_at_once
            a_record_stands_in_one_queue_at_a_time
            a_forged_token_is_refused
            a_page_has_at_least_one_record
        );
        $crate::store_contract::checks!($open, secrets, secrets:
            a_secret_that_was_never_written_is_none
            a_document_comes_back_as_it_was_written
            a_pending_document_leaves_the_current_one_alone
            a_secret_whose_first_write_is_pending_has_no_current_document
            a_proven_document_becomes_current_and_the_next_one_can_be_pending
            connections_and_sides_are_kept_apart
            a_deleted_secret_is_gone_in_both_stages
            a_deleted_secret_can_be_written_anew
            many_first_writers_do_not_get_in_each_others_way
            a_large_document_is_kept_and_a_too_large_one_refused
            an_id_that_would_reach_elsewhere_is_refused
            a_given_secret_is_read_only
        );
    };
}

use checks;
use contract;

/// `milliseconds` after the epoch, which is as precise as the stores are.
fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).expect("a time of day")
}

fn bare(pk: &str, sk: &str) -> Record {
    Record::new(Key::new(pk, sk), &json!({ "sk": sk })).expect("plain JSON")
}

fn queued(pk: &str, sk: &str, queue: Queue, due: i64) -> Record {
    Record {
        due: Some(Due { queue, at: at(due) }),
        ..bare(pk, sk)
    }
}

async fn put_new(store: &dyn Records, record: &Record) -> u64 {
    store.put(record, Expect::Absent).await.expect("a new record")
}
