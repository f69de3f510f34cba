using System.Globalization;
using United.SocketIo.Bench;

// usage: serve | allocations | compare [rounds] [seconds] [scenario]
switch (args)
{
    case ["serve", ..]:
        await BenchServer.Serve();
        return 0;
    case ["allocations", ..]:
        BroadcastBenchmarks.Run();
        return 0;
    default:
        var rounds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 3;
        var seconds = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 3;
        Comparison.Run(rounds, TimeSpan.FromSeconds(seconds), args.Length > 3 ? args[3] : "");
        return 0;
}
