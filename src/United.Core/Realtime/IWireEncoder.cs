namespace United.Core.Realtime;

/// <summary>How one wire writes events. Called once per event, on one thread, however many connections listen on that wire.</summary>
/// <typeparam name="T">What its sessions hand on: bytes, or a packet ready to be queued.</typeparam>
public interface IWireEncoder<out T>
    where T : class
{
    /// <summary>0 to <see cref="EncodedEvent.Wires"/> - 1, unique among the wires of the process.</summary>
    int Slot { get; }

    /// <summary>
    /// Framed so that a transport can write one after another. Shared by all receivers and never changed again: plain arrays, since a
    /// pooled one that is returned too early would show one user what belongs to another. Empty where this wire does not tell of it.
    /// </summary>
    T Encode(Event told);
}
