using System.Runtime.CompilerServices;

namespace United.Core.Realtime;

/// <summary>One event on its way to many sessions: asks each wire that is present for its bytes once. Belongs to one thread.</summary>
public sealed class EncodedEvent(Event told)
{
    public const int Wires = 4;

    private Slots _bytes;

    public Event Event => told;

    public byte[] For(IWireEncoder wire) => _bytes[wire.Slot] ??= wire.Encode(told);

    [InlineArray(Wires)]
    private struct Slots
    {
        private byte[]? _first;
    }
}
