//! Parts to copy into a program that uses `mta-sts` with a real DNS and real HTTPS.
