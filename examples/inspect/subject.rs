//! A text that was inspected, whatever it was inspected as.

use crate::args::Input;
use mta_sts::{
    AcceptedBy, Diagnostic, Inspection, ParseOptions, Policy, Severity, StsRecord, TlsRptRecord,
};
use std::borrow::Cow;

/// One text, and what was found in it.
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) text: Vec<u8>,
    pub(crate) reading: Reading,
}

pub(crate) enum Reading {
    Policy(Inspection<Policy>),
    Record(Inspection<StsRecord>),
    TlsRptRecord(Inspection<TlsRptRecord>),
}

impl Subject {
    pub(crate) fn inspect(input: &Input, text: Vec<u8>, options: ParseOptions) -> Self {
        let reading = match input {
            Input::Path(_) | Input::Stdin => Reading::Policy(Policy::inspect_with(&text, &options)),
            Input::Record(_) => Reading::Record(StsRecord::inspect(&text)),
            Input::TlsRptRecord(_) => Reading::TlsRptRecord(TlsRptRecord::inspect(&text)),
        };
        Self {
            name: input.to_string(),
            text,
            reading,
        }
    }

    pub(crate) fn diagnostics(&self) -> &[Diagnostic] {
        match &self.reading {
            Reading::Policy(inspection) => inspection.diagnostics(),
            Reading::Record(inspection) => inspection.diagnostics(),
            Reading::TlsRptRecord(inspection) => inspection.diagnostics(),
        }
    }

    /// How many errors, warnings and notes there are.
    pub(crate) fn totals(&self) -> [usize; 3] {
        [Severity::Error, Severity::Warning, Severity::Note].map(|severity| match &self.reading {
            Reading::Policy(inspection) => inspection.total(severity),
            Reading::Record(inspection) => inspection.total(severity),
            Reading::TlsRptRecord(inspection) => inspection.total(severity),
        })
    }

    pub(crate) fn accepted_by(&self) -> AcceptedBy {
        match &self.reading {
            Reading::Policy(inspection) => inspection.accepted_by(),
            Reading::Record(inspection) => inspection.accepted_by(),
            Reading::TlsRptRecord(inspection) => inspection.accepted_by(),
        }
    }

    /// The corrected text, if it is certain.
    pub(crate) fn fixed(&self) -> Option<Cow<'_, [u8]>> {
        match &self.reading {
            Reading::Policy(inspection) => inspection.fixed(&self.text),
            Reading::Record(inspection) => inspection.fixed(&self.text),
            Reading::TlsRptRecord(inspection) => inspection.fixed(&self.text),
        }
    }
}
