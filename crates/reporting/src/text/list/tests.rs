//! Tests of the words about the list.

use super::*;
use crate::list::tests::list;
use contacts::{Leavers, SuccessRates};

/// A list of one client, of which 61 ± 13 are expected to leave.
fn list_with_leavers() -> ContactList {
    let mut list = list("a");
    list.head.leavers = Some(Leavers {
        mean: 61.4,
        standard_deviation: 6.6,
        low: 48,
        high: 74,
    });
    list
}

#[test]
fn the_expected_leavers_are_said_with_their_band() {
    let mut list = list_with_leavers();
    let said = expected_leavers(&list, None, today()).unwrap();
    assert!(
        said.starts_with(
            "Of this one client about 61 ± 13 are expected to leave within 90 days if"
        ),
        "{said}"
    );
    assert!(
        said.contains("95 %, as long as") && said.contains("At stake is contract value of 600 a"),
        "{said}"
    );
    list.head.leavers = None;
    assert_eq!(expected_leavers(&list, None, today()), None);
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 7, 2).unwrap()
}

#[test]
fn the_half_width_reaches_the_farther_end_of_the_band() {
    let mut list = list("a");
    for (mean, low, high, expected) in [
        (109.2, 96, 121, "109 ± 13"),
        (108.6, 96, 122, "109 ± 13"),
        (0.5, 0, 2, "1 ± 1"),
        (0.4, 0, 2, "0 ± 2"),
    ] {
        list.head.leavers = Some(Leavers {
            mean,
            standard_deviation: 1.0,
            low,
            high,
        });
        let said = expected_leavers(&list, None, today()).unwrap();
        assert!(said.contains(&format!("about {expected} are")), "{said}");
    }
}

#[test]
fn what_was_expected_of_days_that_have_passed_is_no_forecast() {
    let list = list("a");
    // The newest row is of 1 July, so the 90 days end on 29 September.
    let said = |month, day| {
        let today = NaiveDate::from_ymd_opt(2026, month, day).unwrap();
        expected_leavers(&list, None, today).unwrap()
    };
    let aged = said(9, 29);
    assert!(
        aged.contains(
            "are expected to leave within 90 days of 1 July 2026, which end on 29 September 2026, if"
        ),
        "{aged}"
    );
    let over = said(9, 30);
    assert!(
        over.contains(
            "were expected to leave within 90 days of 1 July 2026, which ended on 29 September 2026,"
        ) && over.contains("How many of them leave from now on is not known. At stake was"),
        "{over}"
    );
}

#[test]
fn a_number_that_is_withdrawn_or_of_a_replaced_model_is_not_said_without_that() {
    let list = list_with_leavers();
    let mut diagnostics = Diagnostics {
        release: Some(list.release.clone()),
        ..serde_json::from_value(serde_json::json!({
            "performance": { "estimated": { "withdrawn": "withdrawn: the labels disagree" } },
        }))
        .unwrap()
    };
    let doubt = Doubt::about(&list, &list.release, Some(&diagnostics));
    assert_eq!(
        doubt,
        Some(Doubt::Withdrawn("withdrawn: the labels disagree"))
    );
    let said = expected_leavers(&list, doubt, today()).unwrap();
    assert!(
        said.contains("about 61 ± 13 were expected")
            && said.contains("95 %. This estimate has been withdrawn: the labels disagree.")
            && !said.contains("as long as"),
        "{said}"
    );
    let doubt = Doubt::about(&list, "another", Some(&diagnostics));
    assert_eq!(doubt, Some(Doubt::Replaced));
    let said = expected_leavers(&list, doubt, today()).unwrap();
    assert!(said.contains("has been replaced since."), "{said}");
    diagnostics.release = Some("another".into());
    assert_eq!(Doubt::about(&list, &list.release, Some(&diagnostics)), None);
    assert_eq!(Doubt::about(&list, &list.release, None), None);
}

#[test]
fn an_empty_list_says_of_every_client_of_the_book_why_it_is_not_called() {
    let mut list = list("a");
    assert_eq!(nobody(&list), None);
    list.entries.remove(0);
    list.head.n_book = 1240;
    list.head.passed_over.called = 30;
    list.head.settings.contact_cost = 500.0;
    assert_eq!(
        nobody(&list).as_deref(),
        Some(
            "There is no client on the list. Of the 1,240 clients of the book: 1,209 not worth the \
             cost of a call (contacts.contact_cost is 500, contacts.success_rate is 0.3); 30 called \
             within the last 28 days; 1 set aside at random."
        )
    );
    list.head.n_book = 0;
    assert!(nobody(&list).unwrap().ends_with("the book is empty."));
}

#[test]
fn the_value_of_a_call_is_explained_with_all_that_is_taken_off() {
    let mut list = list("a");
    for (incentive, cost, words) in [
        (0.0, 0.0, "times that share. Outcomes"),
        (
            0.0,
            20.0,
            "times that share, less the cost of a call, 20. Outcomes",
        ),
        (2.0, 0.0, "who is called may take. Outcomes"),
        (2.0, 20.0, "may take, and the cost of a call, 20. Outcomes"),
    ] {
        list.head.settings.incentive_percent = incentive;
        list.head.settings.contact_cost = cost;
        let said = value_of_calling(&list);
        assert!(said.contains(words), "{said}");
    }
    list.head.success_is_learned = true;
    assert!(value_of_calling(&list).contains("have been seen to keep, less the offer"));
}

#[test]
fn the_hold_out_is_said_or_what_it_would_teach() {
    let mut list = list("a");
    assert!(
        holdout(&list)
            .unwrap()
            .starts_with("1 client that stands above")
    );
    let two = list.entries[1].clone();
    list.entries.push(two);
    assert!(
        holdout(&list)
            .unwrap()
            .starts_with("2 clients that stand above the last of the list are set aside")
    );
    list.entries.truncate(1);
    assert_eq!(holdout(&list), None);
    list.head.plan = Some(contacts::HoldoutPlan {
        percent: 5.0,
        names: 10.0,
        cost: Some(1234.0),
        half_width_after_a_year: 0.226,
    });
    let said = holdout(&list).unwrap();
    for words in [
        "holdout_percent at 5",
        "about 10 of 1 names",
        "1,234",
        "± 23",
    ] {
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn one_client_and_several_are_spoken_of_as_such() {
    let mut list = list("a");
    for (n, called, leaving) in [
        (
            1,
            "1 client that would be on the list was called",
            "1 client that would be on the list has",
        ),
        (
            2,
            "2 clients that would be on the list were called",
            "2 clients that would be on the list have",
        ),
    ] {
        list.head.passed_over.called = n;
        list.head.passed_over.leaving = n;
        let said = not_listed(&list);
        assert!(
            said[0].starts_with(called) && said[1].starts_with(leaving),
            "{said:?}"
        );
    }
}

#[test]
fn what_calls_achieved_is_said_or_how_many_are_needed() {
    let mut found = Effect {
        success: SuccessRates::assumed(0.3),
        saved: None,
        n_contacts: 0,
    };
    assert!(effect(&found).is_empty());
    found.n_contacts = 12;
    found.saved = Some(SavedShare::TooFew {
        called: 12,
        held_out: 1,
        needed_held_out: 34,
    });
    let said = effect(&found).join(" ");
    assert!(
        said.contains("12 calls") && said.contains("about 34"),
        "{said}"
    );
}
