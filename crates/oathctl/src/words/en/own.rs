//! The way to the tenant, clocks, and oathctl itself.
//!
//! Owns: pages and sentences of these reasons. Does not own: why a run as a whole stopped ([`super::stopped`]).

use super::foreign::clean;
use super::page::{Said, explanations};
use super::sources::DRIFT;

explanations! {
    NETWORK_FAILED "network_failed" {
        means: "The connection failed as often as a row may be tried.",
        seen: "Six sends of this row that provably never reached the tenant or were lost and found without effect.",
        advice: "Check the connection and the proxy, then run the command again; rows that are done are left alone.",
    }
    DOUBTFUL "doubtful" {
        means: "The request was sent, and nobody can say yet whether it took effect.",
        seen: "The answer was lost, or the run ended before it came, and reading the tenant hasn't settled it.",
        advice: "Run `oathctl resume`: it reads the tenant first and creates nothing twice.",
    }
    CLOCK_DOUBT "clock_doubt" {
        means: "The activation may have taken effect outside its code's time, and then the tenant has learned a wrong \
            clock for this token.",
        seen: "The answer was lost or late, and the tenant shows the token active; activating once more with a fresh \
            code wasn't possible or ended the same way.",
        advice: "Let the person sign in with the device. If that fails, run the row again with `--only FAILED.csv` and \
            `--recreate`.",
        source: [DRIFT],
    }
    CLOCK_UNSETTLED "clock_unsettled" {
        means: "This computer's clock and the tenant's don't agree steadily, so no code could be sent.",
        seen: "The time in the tenant's answers jumps against ours, after a suspend, a clock being set, or through a \
            proxy that answers with old times.",
        advice: "Let the operating system set its clock by the network, then run `oathctl resume`.",
        source: [DRIFT],
    }
    RUN_STOPPED "run_stopped" {
        means: "The run stopped before this row was done.",
        seen: "The reason for which the run stopped stands in its summary.",
        advice: "Run `oathctl resume`, which goes on where this run stopped; if its summary names a cause, mend that \
            first.",
    }
    SEED_NOT_HELD "seed_not_held" {
        means: "Nobody here has the seed of this token, and the step needs one.",
        seen: "Neither the file nor the vault of this store holds a seed for this serial.",
        advice: "Put the vendor's file into the vault (`oathctl vault import FILE`) and run the command again, or run \
            `oathctl activate` with that file; if there is none, ask the vendor for it again.",
    }
    OWN_FAULT "own_fault" {
        means: "oathctl has met a fault of its own.",
        seen: "Something happened that the program holds to be impossible.",
        advice: "Report it to the project with the version and this message, which holds no seed. The command can be \
            run again; rows that are done are left alone.",
    }
}

pub(super) fn own_fault(what: &str) -> Said {
    OWN_FAULT.says(format!("oathctl has met a fault of its own ({}).", clean(what)))
}
