namespace United.WebSockets;

/// <summary>Why a connection is closed: RFC 6455, section 7.4.1. From 4000 up a code means what the application says.</summary>
public enum CloseCode : ushort
{
    None = 0,
    Normal = 1000,
    GoingAway = 1001,
    ProtocolError = 1002,
    NotBinary = 1003,
    NotUtf8 = 1007,
    PolicyViolation = 1008,
    TooLarge = 1009,
}

internal static class CloseCodes
{
    /// <summary>Whether a peer may send it: some numbers are reserved, and stand only for there having been no close frame.</summary>
    public static bool MayTravel(int code) => code is >= 1000 and <= 1014 and not (1004 or 1005 or 1006) or >= 3000 and <= 4999;
}
