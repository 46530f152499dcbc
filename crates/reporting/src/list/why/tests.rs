//! Tests of the reasons of a move.

use super::*;

/// A client whose place moved up or down by one part alone.
fn movement(
    change: Change,
    cause: Option<Cause>,
    risks: (f64, f64),
    parts: Option<[f64; 3]>,
) -> Move {
    let places = if change == Change::Down { 7 } else { -7 };
    let part = |of| if cause == Some(of) { places } else { 0 };
    Move {
        rank: Some(RankChange {
            client: part(Cause::Client),
            population: part(Cause::Population),
            model: part(Cause::Model),
        }),
        risks,
        parts: parts.map(|[old, own, new]| ScoreChange::new(old, own, new)),
        value_changed: false,
    }
}

#[test]
fn each_cause_has_its_sentence() {
    let risks = (0.12, 0.314);
    for (change, cause, parts, expected) in [
        (
            Change::Up,
            Some(Cause::Client),
            Some([0.12, 0.314, 0.314]),
            "its own data changed: risk 12.0 % then, 31.4 % now",
        ),
        (
            Change::New,
            Some(Cause::Client),
            Some([0.12, 0.27, 0.314]),
            "its own data changed: risk 12.0 % then, 31.4 % now (its own data +15.0 points, the \
             new model +4.4)",
        ),
        (
            Change::Up,
            Some(Cause::Client),
            Some([0.12, 0.3141, 0.314]),
            "its own data changed: risk 12.0 % then, 31.4 % now",
        ),
        (
            Change::Down,
            Some(Cause::Model),
            None,
            "the new model sees it differently: risk 12.0 % then, 31.4 % now",
        ),
        (
            Change::Down,
            Some(Cause::Population),
            None,
            "others moved ahead of it",
        ),
        (
            Change::Up,
            Some(Cause::Population),
            None,
            "others that were ahead of it are not any more",
        ),
        (Change::New, None, None, "there is room for it now"),
        (
            Change::Up,
            None,
            None,
            "clients ahead of it are not to be called now",
        ),
        (
            Change::Down,
            None,
            None,
            "clients ahead of it are to be called again",
        ),
    ] {
        let moved = movement(change, cause, risks, parts);
        let found = listed(&turn(change, Some(&moved)));
        assert_eq!(found.words.as_deref(), Some(expected));
        assert_eq!(found.cause, cause);
    }
    let same = movement(Change::Up, Some(Cause::Client), risks, None);
    assert_eq!(listed(&turn(Change::Same, Some(&same))), Said::default());
    let new = listed(&turn(Change::New, None)).words;
    assert_eq!(new.as_deref(), Some("was not in the book at the last list"));
    let mut unknown = turn(Change::New, None);
    unknown.is_book_known = false;
    assert_eq!(listed(&unknown).words, None);
}

fn turn(change: Change, movement: Option<&Move>) -> Turn<'_> {
    Turn {
        change,
        movement,
        last_contact: None,
        was_set_aside: false,
        is_by_capacity: false,
        settings: None,
        is_book_known: true,
    }
}

#[test]
fn changed_settings_and_the_end_of_being_set_aside_are_said_before_what_others_did() {
    let own = "its own data changed: risk 12.0 % then, 31.4 % now";
    let set = "the settings of the list changed";
    let aside = "was set aside until now";
    for (change, cause, was_set_aside, is_by_capacity, expected) in [
        (Change::New, None, false, false, set),
        (Change::Up, Some(Cause::Population), false, false, set),
        (Change::Down, None, false, false, set),
        (Change::Up, Some(Cause::Client), false, false, own),
        (Change::New, Some(Cause::Client), false, false, own),
        (Change::New, Some(Cause::Client), false, true, set),
        (Change::New, Some(Cause::Client), true, true, aside),
    ] {
        let moved = movement(change, cause, (0.12, 0.314), None);
        let found = listed(&Turn {
            was_set_aside,
            is_by_capacity,
            settings: Some(set),
            ..turn(change, Some(&moved))
        });
        assert_eq!(found.words.as_deref(), Some(expected));
        assert_eq!(found.cause.is_some(), expected == own);
    }
}

#[test]
fn a_dropped_client_is_told_of_settings_where_they_or_nothing_else_took_it_off() {
    let client = ScoredClient {
        client_id: "a".into(),
        risk: 0.1,
        score: -2.0,
        contributions: Vec::new(),
        contract_value: None,
        assigned_to: None,
        observed_at: None,
        reasons: Vec::new(),
    };
    let set = "the settings of the list changed";
    let own = "its own data changed: risk 31.4 % then, 12.0 % now";
    let loss = "calling it would cost more than it is expected to bring";
    let both = format!("{loss}; {set}");
    for (cause, is_a_loss, is_by_capacity, settings, expected) in [
        (None, false, false, Some(set), set),
        (Some(Cause::Population), false, false, Some(set), set),
        (Some(Cause::Client), false, true, Some(set), set),
        (Some(Cause::Client), false, false, Some(set), own),
        (None, true, false, Some(set), both.as_str()),
        (Some(Cause::Client), true, false, None, loss),
        (
            Some(Cause::Population),
            false,
            false,
            None,
            "others moved ahead of it",
        ),
    ] {
        let moved = movement(Change::Down, cause, (0.314, 0.12), None);
        let found = dropped(&Gone {
            client: Some(&client),
            obstacle: None,
            is_held_out: false,
            is_a_loss,
            movement: Some(&moved),
            is_by_capacity,
            settings,
        });
        assert_eq!(found, expected);
    }
}

#[test]
fn a_value_alone_may_have_changed() {
    let mut moved = movement(Change::Up, Some(Cause::Client), (0.5, 0.5), None);
    moved.value_changed = true;
    let found = listed(&turn(Change::Up, Some(&moved))).words;
    assert_eq!(found.as_deref(), Some("the value of its contract changed"));
}
