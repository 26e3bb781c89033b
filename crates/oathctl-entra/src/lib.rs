//! Microsoft Entra: sign-in, one-shot HTTP, the Graph back end.
