using System.CommandLine;
using United.Server.Cli;

// A stop takes as long as it takes, with Stop:WaitSeconds for example: by default the process would end after two seconds, in the midst of it.
var configuration = new InvocationConfiguration { ProcessTerminationTimeout = Timeout.InfiniteTimeSpan };
return await CommandLine.Create().Parse(args).InvokeAsync(configuration);
