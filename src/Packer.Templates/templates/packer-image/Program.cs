var app = WebApplication.CreateBuilder(args).Build();

app.MapGet("/", () => "Hello from Company.Appliance1");

app.Run();
