//! What needs a person: the kinds of causes, and for each what happened and what to do.

/// The kind of a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The model has drifted, and a new one took its place.
    ChallengerDeployed,
    /// The model has drifted, and the new one that was tried is worse.
    ChallengerRejected,
    /// The model has drifted, and it cannot be told whether a new one is better.
    Degraded,
    /// A new model waits to be approved.
    ApprovalWaiting,
    /// A run failed.
    FailedRun,
    /// A file was refused.
    RefusedData,
    /// The data has drifted, or the model does worse than it should.
    DriftAlarm,
    /// No new data for too long.
    StaleData,
    /// The model is too old.
    StaleModel,
}

impl Kind {
    /// The name in records and in the environment of a command.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ChallengerDeployed => "challenger_deployed",
            Self::ChallengerRejected => "challenger_rejected",
            Self::Degraded => "degraded",
            Self::ApprovalWaiting => "approval_waiting",
            Self::FailedRun => "failed_run",
            Self::RefusedData => "refused_data",
            Self::DriftAlarm => "drift_alarm",
            Self::StaleData => "stale_data",
            Self::StaleModel => "stale_model",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::ChallengerDeployed => "The model was retrained",
            Self::ChallengerRejected => "A new model was refused",
            Self::Degraded => "The model is degraded",
            Self::ApprovalWaiting => "A new model waits for approval",
            Self::FailedRun => "A run failed",
            Self::RefusedData => "Data was refused",
            Self::DriftAlarm => "Drift alarm",
            Self::StaleData => "No new data",
            Self::StaleModel => "The model is old",
        }
    }

    fn to_do(self) -> &'static str {
        match self {
            Self::ChallengerDeployed => {
                "Nothing, if the change is welcome; the report says how good the new model is."
            }
            Self::ChallengerRejected | Self::Degraded => {
                "The deployed model stays and does worse than it did: read the report, and use the \
                 list with care until a better model is found or the data is mended."
            }
            Self::ApprovalWaiting => "Read the report, then approve it or let it lie.",
            Self::FailedRun => {
                "Run `fullprocess --status`, mend what it names; the next run goes on from there."
            }
            Self::RefusedData => {
                "Mend the file or ask its sender for another; the other files were ingested. \
                 rejectedrows.csv has each bad row with its reasons."
            }
            Self::DriftAlarm => "Read the report and ask the sender of the data what has changed.",
            Self::StaleData => "Find out why the sender of the data has stopped.",
            Self::StaleModel => {
                "Train, score and deploy a new one: run training, scoring and deployment."
            }
        }
    }

    /// Whether people are told again after the cool-down, as long as the cause is there.
    #[must_use]
    pub fn is_repeated(self) -> bool {
        matches!(self, Self::FailedRun | Self::StaleData | Self::StaleModel)
    }
}

/// Something that needs a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Its kind.
    pub kind: Kind,
    /// What it is about, such as the name of a file; empty where there can be but one of the kind.
    /// Kind and subject together are the cause.
    pub subject: String,
    /// What tells one occurrence of the cause from the next, such as the checksum of the file.
    pub occurrence: String,
    /// What happened, in sentences. It holds no client data.
    pub what: String,
}

impl Cause {
    /// A cause of which there can be but one of its kind.
    #[must_use]
    pub fn new(kind: Kind, occurrence: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            kind,
            subject: String::new(),
            occurrence: occurrence.into(),
            what: what.into(),
        }
    }

    /// A drift alarm about `subject`, such as a column or the performance. `occurrence` names the
    /// data it was raised on, so that the same data alarms once.
    #[must_use]
    pub fn drift_alarm(
        subject: impl Into<String>,
        occurrence: impl Into<String>,
        what: impl Into<String>,
    ) -> Self {
        Self::new(Kind::DriftAlarm, occurrence, what).about(subject)
    }

    /// The same about a subject.
    #[must_use]
    pub fn about(self, subject: impl Into<String>) -> Self {
        let subject = subject.into();
        Self { subject, ..self }
    }

    /// The name of the cause in records: kind and subject.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{} {}", self.kind.name(), self.subject)
            .trim_end()
            .to_owned()
    }

    /// Title, what happened and what to do.
    #[must_use]
    pub fn text(&self) -> String {
        format!(
            "{}: {}\nWhat to do: {}",
            self.kind.title(),
            self.what,
            self.kind.to_do()
        )
    }
}
