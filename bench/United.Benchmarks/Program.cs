using BenchmarkDotNet.Running;
using United.Benchmarks;

// dotnet run -c Release --project bench/United.Benchmarks -- --filter '*'
BenchmarkSwitcher.FromAssembly(typeof(Workloads).Assembly).Run(args);
