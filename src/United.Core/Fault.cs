namespace United.Core;

/// <summary>
/// What a caller may be refused for. The catalogue is closed: no wire emits a fault that does not stand here, and codes and
/// numbers never change their meaning (they are frozen by a test).
/// </summary>
public sealed record Fault(int Number, string Code, int HttpStatus, string Text)
{
    public static readonly Fault ValidationFailed = new(1, "validation_failed", 400, "The request is not valid.");
    public static readonly Fault Malformed = new(2, "malformed", 400, "The request could not be read.");
    public static readonly Fault TooLarge = new(3, "too_large", 413, "The request is too large.");
    public static readonly Fault Unauthorized = new(4, "unauthorized", 401, "Sign in first.");
    public static readonly Fault Forbidden = new(5, "forbidden", 403, "You do not have permission to do this.");
    public static readonly Fault NotFound = new(6, "not_found", 404, "There is nothing here, or you do not have access to it.");
    public static readonly Fault Conflict = new(7, "conflict", 409, "This conflicts with something that is already there.");
    public static readonly Fault RateLimited = new(8, "rate_limited", 429, "Too many requests. Try again later.");
    public static readonly Fault Unavailable = new(9, "unavailable", 503, "The server is busy right now. Try again in a moment.");
    public static readonly Fault Internal = new(10, "internal", 500, "Something went wrong on the server.");
    public static readonly Fault InvalidCredentials = new(11, "invalid_credentials", 401, "These credentials are not valid.");
    public static readonly Fault SessionEnded = new(12, "session_ended", 401, "This session has ended.");
    public static readonly Fault RegistrationClosed = new(13, "registration_closed", 403, "This server is not accepting new accounts.");
    public static readonly Fault InviteInvalid = new(14, "invite_invalid", 403, "This invitation is not valid, or has been used up.");
    public static readonly Fault SetupTokenInvalid = new(15, "setup_token_invalid", 403, "Creating the first account takes the link that the server printed when it started.");
    public static readonly Fault SetupDone = new(16, "setup_done", 403, "This server has already been set up.");
    public static readonly Fault UsernameTaken = new(17, "username_taken", 409, "This name is taken.");
    public static readonly Fault PublicKeyTaken = new(18, "public_key_taken", 409, "This key belongs to another account.");
    public static readonly Fault SignatureInvalid = new(19, "signature_invalid", 400, "The signature does not match.");
    public static readonly Fault PreconditionFailed = new(20, "precondition_failed", 412, "This has changed in the meantime. Load it again.");
    public static readonly Fault ReadOnly = new(21, "read_only", 403, "This channel is read-only.");
    public static readonly Fault NameTaken = new(22, "name_taken", 409, "This name is taken.");
    public static readonly Fault TooMany = new(23, "too_many", 409, "You have reached the limit for this.");
    public static readonly Fault MethodNotAllowed = new(24, "method_not_allowed", 405, "This address does not support that method.");
    public static readonly Fault UnsupportedMediaType = new(25, "unsupported_media_type", 415, "This content type is not accepted here. Send application/json, or for an upload the file.");
    public static readonly Fault EncryptedConversation = new(26, "encrypted_conversation", 409, "This conversation accepts encrypted messages only.");
    public static readonly Fault NoIdentityKey = new(27, "no_identity_key", 409, "This needs an identity key, and the account does not have one.");
    public static readonly Fault RequestLimit = new(28, "request_limit", 403, "Nothing more can be sent here until the other person answers.");

    /// <summary>Everything in the catalogue, by number.</summary>
    public static IReadOnlyList<Fault> All { get; } =
    [
        ValidationFailed, Malformed, TooLarge, Unauthorized, Forbidden, NotFound, Conflict, RateLimited, Unavailable, Internal,
        InvalidCredentials, SessionEnded, RegistrationClosed, InviteInvalid, SetupTokenInvalid, SetupDone, UsernameTaken,
        PublicKeyTaken, SignatureInvalid, PreconditionFailed, ReadOnly, NameTaken, TooMany, MethodNotAllowed,
        UnsupportedMediaType, EncryptedConversation, NoIdentityKey, RequestLimit,
    ];
}
