using System.Runtime.InteropServices;

namespace United.SocketIo.Bench;

/// <summary>Linux's own readiness: the load generator must not cost more than what it measures, so it has one thread and no tasks.</summary>
internal sealed unsafe partial class Epoll : IDisposable
{
    private const int Add = 1;
    private const uint Readable = 1;

    private readonly int _handle = epoll_create1(0);
    private readonly Event[] _events = new Event[1024];

    public void Watch(int socket, int index)
    {
        var ready = new Event { Events = Readable, Data = (ulong)index };
        if (epoll_ctl(_handle, Add, socket, ref ready) != 0) throw new IOException("epoll_ctl");
    }

    /// <summary>Waits at most so long, to some 60 µs: who sends at certain times must not be late by as much as an answer takes.</summary>
    /// <returns>The indexes of what can be read.</returns>
    public ReadOnlySpan<Event> Wait(TimeSpan most)
    {
        var (seconds, ticks) = Math.DivRem(most.Ticks, TimeSpan.TicksPerSecond);
        var time = new Time { Seconds = (nint)seconds, Nanoseconds = (nint)ticks * 100 };
        fixed (Event* events = _events)
        {
            var count = epoll_pwait2(_handle, events, _events.Length, &time, null);
            return _events.AsSpan(0, Math.Max(0, count));
        }
    }

    public static int Receive(int socket, Span<byte> buffer)
    {
        fixed (byte* bytes = buffer) return (int)recv(socket, bytes, (nuint)buffer.Length, 0);
    }

    public static void Send(int socket, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
        {
            if (send(socket, first, (nuint)bytes.Length, 0) != bytes.Length) throw new IOException("send");
        }
    }

    public void Dispose() => _ = close(_handle);

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    public struct Event
    {
        public uint Events;
        public ulong Data;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

    [LibraryImport("libc")]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc")]
    private static partial int epoll_ctl(int epoll, int what, int socket, ref Event ready);

    [LibraryImport("libc")]
    private static partial int epoll_pwait2(int epoll, Event* events, int most, Time* time, void* signals);

    [LibraryImport("libc")]
    private static partial nint recv(int socket, byte* buffer, nuint length, int flags);

    [LibraryImport("libc")]
    private static partial nint send(int socket, byte* buffer, nuint length, int flags);

    [LibraryImport("libc")]
    private static partial int close(int handle);
}
