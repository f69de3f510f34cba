namespace United.Core.Realtime;

/// <summary>How one wire writes events. Called once per event, on one thread, however many connections listen on that wire.</summary>
public interface IWireEncoder
{
    /// <summary>0 to <see cref="EncodedEvent.Wires"/> - 1, unique among the wires of the process.</summary>
    int Slot { get; }

    /// <summary>
    /// The bytes, framed so that a transport can write them one after another. Shared by all receivers and never changed again: a
    /// plain array, since a pooled one that is returned too early would show one user what belongs to another.
    /// </summary>
    /// <returns>Empty: this wire does not tell of it.</returns>
    byte[] Encode(Event told);
}
