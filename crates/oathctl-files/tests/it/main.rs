//! Reading seed files, from bytes to a judged table.

#[cfg(test)]
mod damage;
#[cfg(test)]
mod dialects;
#[cfg(test)]
mod disagree;
#[cfg(test)]
mod formats;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod leak;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod named;
#[cfg(test)]
mod parameters;
#[cfg(test)]
mod proof;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod pskc_figures;
#[cfg(test)]
mod pskc_hostile;
#[cfg(test)]
mod pskc_rows;
#[cfg(test)]
mod pskc_sealed;
#[cfg(test)]
mod pskc_several;
#[cfg(test)]
mod pskc_spelling;
#[cfg(test)]
mod pskc_support;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod structured;
#[cfg(test)]
mod support;
#[cfg(test)]
mod workbook;
#[cfg(test)]
mod wrapping;
#[cfg(test)]
mod wrapping_limits;
#[cfg(test)]
mod wrapping_locks;
#[cfg(test)]
mod wrapping_ring;
#[cfg(test)]
mod wrapping_wrong;
#[cfg(test)]
mod write;
#[cfg(test)]
mod write_peers;
