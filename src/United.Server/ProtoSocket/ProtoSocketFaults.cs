using United.Core;
using United.Wire.Ws;

namespace United.Server.ProtoSocket;

/// <summary>The one place where a refusal becomes an error frame: the catalogue's HTTP status, code and words, and nothing of the request.</summary>
internal static class ProtoSocketFaults
{
    public static Envelope Answer(Refusal refusal, string requestId) => new() { RequestId = requestId, Error = Of(refusal) };

    private static ErrorResponse Of(Refusal refusal) => new()
    {
        Code = (uint)refusal.Fault.HttpStatus,
        Fault = refusal.Fault.Code,
        Message = refusal.Reason ?? refusal.Fault.Text,
        Field = refusal.Field ?? "",
        // Rounded up: who comes back after that long is not turned away again.
        RetryAfterMs = (uint)Math.Ceiling(refusal.RetryAfter?.TotalMilliseconds ?? 0),
    };
}
