using System.CommandLine;
using United.Load;

var command = LoadOptions.Command(async (options, ct) =>
{
    var load = await Community.Prepare(options, ct);
    var report = await Scenario.Run(options, load, ct);
    Console.WriteLine(report.ToText());
});
return await command.Parse(args).InvokeAsync();
