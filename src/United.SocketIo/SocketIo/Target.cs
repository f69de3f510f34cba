namespace United.SocketIo;

/// <summary>Whom something is for: members of any of the rooms (none named: everybody), less the members of the excepted ones.</summary>
internal sealed record Target(IReadOnlyList<string> Rooms, IReadOnlyList<string> Except)
{
    public static readonly Target Everybody = new([], []);

    internal Target To(ReadOnlySpan<string> rooms) => this with { Rooms = [.. Rooms, .. rooms] };

    internal Target But(ReadOnlySpan<string> rooms) => this with { Except = [.. Except, .. rooms] };
}

/// <summary>How something is sent.</summary>
/// <param name="Volatile">Dropped where a client cannot be written to at once.</param>
/// <param name="Local">Not for the other nodes.</param>
/// <param name="Compress">What the original passes on to its compression; a hint to other nodes.</param>
/// <param name="Timeout">How long acknowledgements may take.</param>
internal sealed record EmitFlags(bool Volatile = false, bool Local = false, bool? Compress = null, TimeSpan? Timeout = null)
{
    public static readonly EmitFlags None = new();
}
