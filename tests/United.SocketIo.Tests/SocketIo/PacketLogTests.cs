using United.SocketIo.EngineIo;

namespace United.SocketIo.Tests.SocketIo;

public sealed class PacketLogTests
{
    private static readonly string[] Names = ["", "red", "a room with a longer name", "Räume \U0001F3E0", "half a character \uD83C"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void It_holds_what_a_queue_would(int seed)
    {
        var random = new Random(seed);
        var log = new PacketLog();
        var queue = new Queue<(long Number, long At, Target Target, EngineMessage Message)>();
        for (var number = 1L; number <= 3000; number++)
        {
            // Some are longer than a block.
            var message = EngineMessage.Binary(Bytes(random, random.Next(100) == 0 ? 200_000 : random.Next(3000)));
            queue.Enqueue((number, 10 * number, new Target(Rooms(random), Rooms(random)), message));
            log.Add(number, 10 * number, queue.Last().Target, message);
            while (queue.Count > 0 && random.Next(20) < (number % 1000 < 900 ? 8 : 20))
            {
                queue.Dequeue();
                log.Remove();
            }
            Assert.Equal(queue.Count, log.Count);
            Assert.Equal(queue.Count > 0, log.TryPeek(out var first, out var at));
            Assert.Equal(queue.TryPeek(out var oldest) ? (oldest.Number, oldest.At) : (0, 0), (first, at));
            if (number % 100 == 0) Same(queue.Where(packet => packet.Number > number - 500), log, number - 500);
        }
        while (log.Count > 0) log.Remove();
        Assert.Equal(0, log.Bytes);
    }

    private static void Same(IEnumerable<(long Number, long At, Target Target, EngineMessage Message)> expected, PacketLog log, long after)
    {
        var rooms = new Dictionary<string, long>(StringComparer.Ordinal) { [Names[0]] = 0, [Names[3]] = after + 250, [Names[4]] = 0 };
        Assert.Equal(
            expected.Where(packet => IsFor(packet.Number, packet.Target, rooms)).Select(packet => Convert.ToBase64String(packet.Message.Frames)),
            log.After(after, rooms).Select(message => Convert.ToBase64String(message.Frames)));
    }

    private static bool IsFor(long number, Target target, Dictionary<string, long> rooms) =>
        (target.Rooms.Count == 0 || target.Rooms.Any(room => rooms.TryGetValue(room, out var since) && number > since)) && !target.Except.Any(rooms.ContainsKey);

    private static string[] Rooms(Random random) => [.. Enumerable.Range(0, random.Next(3)).Select(_ => Names[random.Next(Names.Length)])];

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
