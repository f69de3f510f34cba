using System.Runtime.CompilerServices;

namespace United.Core.Realtime;

/// <summary>One event on its way to many sessions: asks each wire that is present for its form once. Belongs to one thread.</summary>
public sealed class EncodedEvent(Event told)
{
    public const int Wires = 2;

    private Slots _forms;

    public Event Event => told;

    public T For<T>(IWireEncoder<T> wire)
        where T : class => (T)(_forms[wire.Slot] ??= wire.Encode(told));

    [InlineArray(Wires)]
    private struct Slots
    {
        private object? _first;
    }
}
