namespace United.WebSockets;

/// <summary>Why a connection is closed: RFC 6455, section 7.4.1, and from 4000 up the codes of United.</summary>
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
    Unauthorized = 4401,
    TooSlow = 4408,
}

public static class CloseCodes
{
    /// <summary>Codes that a peer may send: not the reserved ones that only ever stand for the absence of a close frame.</summary>
    public static bool MayTravel(int code) => code is >= 1000 and <= 1014 and not (1004 or 1005 or 1006) or >= 3000 and <= 4999;
}
